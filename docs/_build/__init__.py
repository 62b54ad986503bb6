"""Build the site: the pages of docs/, the generated ones, search, plain Markdown and `llms.txt`."""
