"""Names that the customization uses."""
PROJECT = 'Acme'
