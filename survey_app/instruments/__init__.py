"""Questionnaire versions as the rounds use them."""
