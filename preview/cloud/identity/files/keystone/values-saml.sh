# The name of the provider in Keystone, and in webSso of the dashboard.
IDP=campus
METADATA_URL=https://login.example.org/metadata
