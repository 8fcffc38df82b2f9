"""The proof: nobody sees beyond his scope, bad input breaks nothing, nobody is let in."""
