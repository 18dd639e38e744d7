"""The speed claims about stimuli, each measured beside its peer in one run."""
