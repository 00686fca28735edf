"""Code of the custom endpoints, and of resource types that live in memory. Definitions name it by string, so that only
a server imports it."""
