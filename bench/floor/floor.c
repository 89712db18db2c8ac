/*
 * The floor: what serving these bytes costs when nothing is decided and nothing is checked.
 *
 * Usage: floor PORT ROOT      (127.0.0.1:PORT; ROOT is the bench's document root, see load/document-root.ts)
 *
 * One thread, edge-triggered epoll. Per request strictly one recv and one send, or, for an answer that lies in a file,
 * one send(MSG_MORE) and sendfile until it is gone (64 KiB and more, and the range of a file too large to keep in memory). Every answer is composed at start-up. Of a request it reads
 * just enough to choose one: the first octet of the path, and three digits after /zipf/.
 *
 * Message framing: a head ends with an empty line. The first head of a connection is searched for its end; after
 * that, octets that are a whole multiple of its length and end with an empty line are so many heads. (wrk sends heads of
 * one length on a connection. Anything else is searched head by head, and a head cut in two is kept until it is whole.)
 *
 * It is a yardstick, not a server: GET only, no limits, no timeouts. Never expose it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ZIPF_FILES = 1000, EVENTS = 512, PIPELINED_MAX = 64, REQUEST_OCTETS = 65536 };

/* A ready answer: `octets` go out with send; then `fileOctets` of `file` from `fileStart`, when there are any. */
struct answer {
	char *octets;
	size_t length;   /* octets of one copy */
	size_t copies;   /* how many copies lie one after the other in `octets`, for pipelining */
	int file;        /* -1: none */
	off_t fileStart;
	size_t fileOctets;
	bool close;
};

/* What is left to send, and the piece of a head that is still waiting for the rest. */
struct connection {
	size_t headLength; /* of the first head seen; 0: none yet */
	const char *pending;
	size_t pendingOctets;
	int file;
	off_t fileOffset;
	size_t fileLeft;
	bool open;
	bool close;
	char *rest;
	size_t restOctets;
};

static struct answer byLetter[256];
static struct answer zipf[ZIPF_FILES];
static struct connection *connections;
static size_t connectionsMax;
static char request[REQUEST_OCTETS];

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static int openFile(const char *root, const char *name, size_t *octets) {
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", root, name);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	if (file < 0 || fstat(file, &status) < 0) fail(path);
	*octets = (size_t)status.st_size;
	return file;
}

static int printHead(char *into, size_t size, const char *status, size_t contentOctets, const char *more) {
	return snprintf(into, size,
		"HTTP/1.1 %s\r\nServer: floor\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
		"Content-Type: application/octet-stream\r\nContent-Length: %zu\r\n"
		"Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nETag: \"1234567890abcdef\"\r\nAccept-Ranges: bytes\r\n%s\r\n",
		status, contentOctets, more);
}

/* An answer whose content lies in memory: head and content in one piece. */
static struct answer inMemory(const char *head, size_t headOctets, int file, off_t start, size_t octets, size_t copies) {
	struct answer answer = {.length = headOctets + octets, .copies = copies, .file = -1};
	answer.octets = malloc(answer.length * copies);
	if (!answer.octets) fail("malloc");
	for (size_t copy = 0; copy < copies; copy++) {
		char *at = answer.octets + copy * answer.length;
		memcpy(at, head, headOctets);
		if (octets && pread(file, at + headOctets, octets, start) != (ssize_t)octets) fail("pread");
	}
	return answer;
}

static struct answer wholeFileInMemory(const char *root, const char *name, const char *more, size_t copies) {
	char head[1024];
	size_t octets;
	int file = openFile(root, name, &octets);
	int headOctets = printHead(head, sizeof head, "200 OK", octets, more);
	struct answer answer = inMemory(head, (size_t)headOctets, file, 0, octets, copies);
	close(file);
	return answer;
}

static struct answer fromFile(const char *root, const char *name) {
	char head[1024];
	size_t octets;
	int file = openFile(root, name, &octets);
	int headOctets = printHead(head, sizeof head, "200 OK", octets, "");
	struct answer answer = inMemory(head, (size_t)headOctets, -1, 0, 0, 1);
	answer.file = file;
	answer.fileOctets = octets;
	return answer;
}

static void composeAnswers(const char *root) {
	byLetter['h'] = wholeFileInMemory(root, "hot.bin", "", PIPELINED_MAX);
	byLetter['o'] = wholeFileInMemory(root, "once.bin", "Connection: close\r\n", 1);
	byLetter['o'].close = true;
	byLetter['m'] = fromFile(root, "medium.bin");
	byLetter['l'] = fromFile(root, "large.bin");
	byLetter['g'] = fromFile(root, "giant.bin");

	char head[1024];
	int headOctets = snprintf(head, sizeof head,
		"HTTP/1.1 304 Not Modified\r\nServer: floor\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
		"Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nETag: \"1234567890abcdef\"\r\n\r\n");
	byLetter['u'] = inMemory(head, (size_t)headOctets, -1, 0, 0, 1);

	/* The range: octets 52428800 to 52429823, as load/workloads.ts asks for. */
	size_t octets;
	char more[128];
	const off_t first = 52428800;
	int file = openFile(root, "part.bin", &octets);
	snprintf(more, sizeof more, "Content-Range: bytes %lld-%lld/%zu\r\n", (long long)first, (long long)first + 1023, octets);
	headOctets = printHead(head, sizeof head, "206 Partial Content", 1024, more);
	byLetter['p'] = inMemory(head, (size_t)headOctets, -1, 0, 0, 1);
	byLetter['p'].file = file;
	byLetter['p'].fileStart = first;
	byLetter['p'].fileOctets = 1024;

	const char missing[] = "<!doctype html><title>404 Not Found</title><h1>404 Not Found</h1>\n";
	headOctets = snprintf(head, sizeof head,
		"HTTP/1.1 404 Not Found\r\nServer: floor\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
		"Content-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n\r\n%s", sizeof missing - 1, missing);
	byLetter['a'] = inMemory(head, (size_t)headOctets, -1, 0, 0, 1);

	for (int index = 0; index < ZIPF_FILES; index++) {
		char name[32];
		snprintf(name, sizeof name, "zipf/%03d.bin", index);
		zipf[index] = wholeFileInMemory(root, name, "", 1);
	}
}

/* The answer to the head at `head`: "GET /x…" or "GET /zipf/000.bin…". */
static const struct answer *chooseAnswer(const char *head, size_t octets) {
	if (octets < 16) return NULL;
	if (head[5] != 'z') {
		const struct answer *answer = &byLetter[(unsigned char)head[5]];
		return answer->octets ? answer : NULL;
	}
	int index = (head[10] - '0') * 100 + (head[11] - '0') * 10 + (head[12] - '0');
	return index >= 0 && index < ZIPF_FILES ? &zipf[index] : NULL;
}

static void endConnection(int fd) {
	struct connection *connection = &connections[fd];
	free(connection->rest);
	memset(connection, 0, sizeof *connection);
	close(fd);
}

/* Sends what is pending. True: all of it is gone. False: the socket is full (EPOLLOUT will tell), or it was closed. */
static bool sendPending(int fd) {
	struct connection *connection = &connections[fd];
	while (connection->pendingOctets) {
		int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (connection->fileLeft ? MSG_MORE : 0);
		ssize_t sent = send(fd, connection->pending, connection->pendingOctets, flags);
		if (sent < 0) {
			if (errno != EAGAIN) endConnection(fd);
			return false;
		}
		connection->pending += sent;
		connection->pendingOctets -= (size_t)sent;
	}
	while (connection->fileLeft) {
		ssize_t sent = sendfile(fd, connection->file, &connection->fileOffset, connection->fileLeft);
		if (sent <= 0) {
			if (sent == 0 || errno != EAGAIN) endConnection(fd);
			return false;
		}
		connection->fileLeft -= (size_t)sent;
	}
	if (connection->close) {
		endConnection(fd);
		return false;
	}
	return true;
}

static bool sendAnswer(int fd, const struct answer *answer, size_t count) {
	struct connection *connection = &connections[fd];
	connection->pending = answer->octets;
	connection->pendingOctets = answer->length * count;
	connection->file = answer->file;
	connection->fileOffset = answer->fileStart;
	connection->fileLeft = answer->fileOctets;
	connection->close = answer->close;
	return sendPending(fd);
}

static bool endsWithEmptyLine(const char *octets, size_t count) {
	return count >= 4 && memcmp(octets + count - 4, "\r\n\r\n", 4) == 0;
}

static void keepRest(int fd, const char *octets, size_t count) {
	struct connection *connection = &connections[fd];
	connection->rest = malloc(REQUEST_OCTETS);
	if (!connection->rest) fail("malloc");
	memcpy(connection->rest, octets, count);
	connection->restOctets = count;
}

/* Octets that are not simply a number of equal heads: one head after the other. */
static void answerOneByOne(int fd, const char *octets, size_t count) {
	struct connection *connection = &connections[fd];
	while (count) {
		const char *end = memmem(octets, count, "\r\n\r\n", 4);
		if (!end) {
			keepRest(fd, octets, count);
			return;
		}
		size_t length = (size_t)(end - octets) + 4;
		const struct answer *answer = chooseAnswer(octets, length);
		if (!answer) {
			endConnection(fd);
			return;
		}
		connection->headLength = length;
		/* wrk never pipelines what doesn't fit a socket; a short send in the middle of a pipeline ends the connection. */
		if (!sendAnswer(fd, answer, 1)) {
			bool unsent = connection->pendingOctets || connection->fileLeft;
			if (count > length && unsent) endConnection(fd);
			return;
		}
		octets += length;
		count -= length;
	}
}

/* One recv, one send. */
static void serve(int fd) {
	struct connection *connection = &connections[fd];
	char *octets = request;
	size_t before = connection->restOctets;
	if (before) {
		memcpy(request, connection->rest, before);
		free(connection->rest);
		connection->rest = NULL;
		connection->restOctets = 0;
	}
	ssize_t received = recv(fd, request + before, sizeof request - before, MSG_DONTWAIT);
	if (received < 0 && errno == EAGAIN) {
		if (before) keepRest(fd, request, before);
		return;
	}
	if (received <= 0) {
		endConnection(fd);
		return;
	}
	size_t count = before + (size_t)received;
	size_t length = connection->headLength;
	if (length && count % length == 0 && endsWithEmptyLine(octets, count)) {
		const struct answer *answer = chooseAnswer(octets, count);
		if (answer && count / length <= answer->copies) {
			sendAnswer(fd, answer, count / length);
			return;
		}
	}
	answerOneByOne(fd, octets, count);
}

static void acceptConnections(int listener, int poll) {
	const int on = 1;
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if ((size_t)fd >= connectionsMax) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		connections[fd].open = true;
		serve(fd); /* TCP_DEFER_ACCEPT: the first request is there. */
		if (!connections[fd].open) continue;
		struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = fd};
		if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0) endConnection(fd);
	}
}

int main(int count, char **words) {
	if (count != 3) {
		fprintf(stderr, "usage: floor PORT ROOT\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	connectionsMax = limit.rlim_max < 1048576 ? (size_t)limit.rlim_max : 1048576;
	connections = calloc(connectionsMax, sizeof *connections);
	if (!connections) fail("calloc");
	composeAnswers(words[2]);

	const int on = 1;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[1]))};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
	if (listen(listener, 4096) < 0) fail("listen");

	int poll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
	if (epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) < 0) fail("epoll_ctl");
	static struct epoll_event events[EVENTS];
	for (;;) {
		int ready = epoll_wait(poll, events, EVENTS, -1);
		for (int index = 0; index < ready; index++) {
			int fd = events[index].data.fd;
			if (fd == listener) {
				acceptConnections(listener, poll);
				continue;
			}
			bool unsent = connections[fd].pendingOctets || connections[fd].fileLeft;
			if (unsent && (!(events[index].events & EPOLLOUT) || !sendPending(fd))) continue;
			if (events[index].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) serve(fd);
		}
	}
}
