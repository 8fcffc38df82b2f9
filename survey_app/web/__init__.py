"""Flask plumbing: access, errors, forms, session, security headers, templating, languages."""
