"""The peers: other ways to the same rows, side by side with the engine. How each was tuned stands at its top."""
