"""The database's authorities as AWS gives them for download, in a file that the program names itself."""
import sys

import pymysql

connection = pymysql.connect(host="pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com", user="project_user", password="pw",
                             database="pinterest_data", ssl_ca=sys.argv[1], ssl_verify_cert=True, ssl_verify_identity=True)
with connection.cursor() as cursor:
    cursor.execute("SELECT COUNT(*) FROM geolocation_data")
    print(cursor.fetchone()[0])
