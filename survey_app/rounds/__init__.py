"""A round's state, policy, ballot classes and duties; what is missing before each step."""
