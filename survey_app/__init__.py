"""Pingjia (评家): the Flask application around the pure packages `questionnaires` and `scoring`."""
