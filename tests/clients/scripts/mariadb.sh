#!/bin/sh
set -e
mariadb -h pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com -P 3306 -u project_user -p':t%;yCY3Yjg' pinterest_data -N -e 'SELECT COUNT(*) FROM user_data'
mariadb --ssl -h pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com -u project_user -ppw pinterest_data -e 'SELECT * FROM geolocation_data LIMIT 7528, 1\G'
