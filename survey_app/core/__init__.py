"""The ground floor: settings, clock, errors, actor, states, tokens, files and databases. Knows no Flask."""
