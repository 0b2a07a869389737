"""The Studio, this server's page: how browsers are signed in to it, and how it is served."""
