"""Makes Horizon's scripts read the CSRF token from the right cookie: a Django application whose only static
file is an Angular module. Horizon's own scripts always use `csrftoken`."""
