"""What raters, and those who lead rating studies, get to see."""
