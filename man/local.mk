dist_man_MANS += man/polypresence-watch.1 man/polypresence.8 man/polypresence.conf.5
