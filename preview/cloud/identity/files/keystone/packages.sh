apt-get install --yes --no-install-recommends \
  apache2 libapache2-mod-wsgi-py3 libapache2-mod-auth-openidc libapache2-mod-auth-mellon \
  python3-openstackclient curl
