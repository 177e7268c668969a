"""What the analysis found, as a page: Analysis to view to HTML to PDF."""
