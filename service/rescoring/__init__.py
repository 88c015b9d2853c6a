"""An archive scored anew: what was known before each flight, on one machine or on many."""
