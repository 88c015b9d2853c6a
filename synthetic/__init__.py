"""What the world would send us, who cheats how, and what controls find of it."""
