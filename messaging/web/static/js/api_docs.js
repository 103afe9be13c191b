// Shows the description of the API in the element that names it.
const place = document.getElementById("api");
SwaggerUIBundle({ domNode: place, url: place.dataset.description, deepLinking: true });
