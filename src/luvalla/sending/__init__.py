"""Sending: from a letter to the relay's answer, as fast as the wire allows. Pure: no framework, no database.

letter, service_message     what is sent: constant bytes and holes; assembly, headers, encoded_words, mime,
                            quoted_printable write it, holes says what may be filled in, frozen keeps it
dkim, signed_letter         keys, and letters signed with them
relay, relay_url            which server they leave through
item                        one letter to one recipient, and who sends it
smtp, pool                  one connection; several, sending from one queue
greeting                    how a connection begins: TLS, log-in, what the server offers (capabilities)
dialogue                    what is said about letters: pipelined BDAT (chunked), DATA and lock-step (by_data)
wire, reply                 the line, and the words that come back
outcome                     what the network answered, as a value
throttle                    how many letters may leave
testing                     the receiver that tests, the demo and local runs send to

Time, randomness and I/O come in as arguments.
"""
