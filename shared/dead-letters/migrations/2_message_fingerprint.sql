create unique index message_fingerprint on message (consumer, topic, fingerprint);
