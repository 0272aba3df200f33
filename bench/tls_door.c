/* tls_door: TLS before a receiver that speaks none, to measure a sender's TLS against a receiver in C.
 *
 *   tls_door PORT RECEIVER_PORT CERTIFICATE_AND_KEY.pem          cc -O2 -o tls_door tls_door.c -lssl -lcrypto
 *
 * Loopback only. A process a connection, which carries bytes both ways until either side ends.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 1 << 17 };
static char room[ROOM];

static struct sockaddr_in at(int port) {
    struct sockaddr_in place = { .sin_family = AF_INET, .sin_port = htons(port) };
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return place;
}

static int write_all(int fd, const char *from, int count) {
    while (count > 0) {
        ssize_t done = write(fd, from, count);
        if (done <= 0) return 0;
        from += done;
        count -= done;
    }
    return 1;
}

static void carry(SSL *sender, int receiver) {
    struct pollfd ends[2] = { { SSL_get_fd(sender), POLLIN, 0 }, { receiver, POLLIN, 0 } };
    for (;;) {
        if (!SSL_pending(sender) && poll(ends, 2, -1) < 0) return;
        if (SSL_pending(sender) || ends[0].revents) {
            int count = SSL_read(sender, room, ROOM);
            if (count <= 0 || !write_all(receiver, room, count)) return;
        }
        if (ends[1].revents) {
            ssize_t count = read(receiver, room, ROOM);
            if (count <= 0 || SSL_write(sender, room, count) <= 0) return;
        }
        ends[0].revents = ends[1].revents = 0;
    }
}

static void serve(SSL_CTX *context, int sender, int port) {
    int one = 1, receiver = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in place = at(port);
    SSL *secured = SSL_new(context);
    setsockopt(sender, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(receiver, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    SSL_set_fd(secured, sender);
    if (SSL_accept(secured) == 1 && connect(receiver, (struct sockaddr *)&place, sizeof place) == 0)
        carry(secured, receiver);
    SSL_shutdown(secured);
}

int main(int count, char **words) {
    if (count != 4) return 64;
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in place = at(atoi(words[1]));
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, words[3]) != 1) return 66;
    if (SSL_CTX_use_PrivateKey_file(context, words[3], SSL_FILETYPE_PEM) != 1) return 66;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&place, sizeof place) || listen(listener, 64)) return 71;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int sender = accept(listener, 0, 0);
        if (sender < 0) continue;
        if (fork() == 0) {
            close(listener);
            serve(context, sender, atoi(words[2]));
            _exit(0);
        }
        close(sender);
    }
}
