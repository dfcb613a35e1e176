-- Records a mapping and what was rendered from it.
INSERT INTO insights_adapters (mapping, views, checksum) VALUES (%(mapping)s, %(views)s, %(checksum)s)
