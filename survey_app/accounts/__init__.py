"""Officers, chairs and other people with an account: roles, sign-in, lockout."""
