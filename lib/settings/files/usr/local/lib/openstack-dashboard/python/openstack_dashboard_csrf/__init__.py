"""Has Horizon's scripts read the CSRF token from the cookie that has it: a Django application whose
one static file is an Angular module. Horizon has `csrftoken` written into its own."""
