"""insights: the analytics and insight engine for strength training."""

__version__ = "0.1.0.dev0"
