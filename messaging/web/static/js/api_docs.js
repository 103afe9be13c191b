// Shows the description of the API in the element that names it.
const place = document.getElementById("api");

// Swagger UI puts a link into the button that unfolds an operation; nobody can reach the one within the other, so the
// path is words there. The address still names what is unfolded.
const plainPaths = (system) => ({
  components: { DeepLink: ({ text }) => system.React.createElement("span", null, text) },
});

SwaggerUIBundle({ domNode: place, url: place.dataset.description, deepLinking: true, plugins: [plainPaths] });
