"""The other sides' own code behind an HTTP server: form parsing, request models, validators. Only the model is ours."""
