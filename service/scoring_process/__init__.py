"""What runs inside a scoring child; `service.scoring_child` is its parent's side."""
