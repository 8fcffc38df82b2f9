"""Tests of the look: formats, components, style sheets, and the gallery in a real browser."""
