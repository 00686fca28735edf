"""From definitions to SQL: what is executed for one kind of path and one shape of query."""
