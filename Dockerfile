# The feed in one image.
#
#   docker build .                   the feed: broker, producer, consumer
#   docker build --target client .   the programs without Java, for another Kafka, or
#                                    for the roles of a cluster that need none
#   docker build --target postgres . PostgreSQL, for the orders pipeline
#   docker build --target monitored . the feed with Kafka's own metrics
#   docker build --target monitoring . Prometheus and Alertmanager
#   docker build --target logs .     rsyslog, for all logs in one place
#   docker build --target connect .  Kafka Connect with Debezium
#   docker build --target mariadb .  MariaDB, whose changes it captures
#   docker build --target documents . a document store, and who changes all three
#
# No state of a feed is made here: records, topics and the cluster's id are
# created in the volume when a container first starts. The JVM's archives of
# class data are made here, once, see `training`.

ARG BASE=debian:trixie-slim


# The C programs, and everything else that `make install` installs.
FROM $BASE AS programs
RUN apt-get update && apt-get install -y --no-install-recommends \
        gcc libbz2-dev libc6-dev libjemalloc-dev libjq-dev libjson-c-dev \
        libmicrohttpd-dev libpq-dev librdkafka-dev libssl-dev \
        libzookeeper-mt-dev libzstd-dev make pkgconf zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The programs keep function names but not line numbers, which take 2 MB.
# jemalloc is linked into pf-consumer, so its licence has to be in the image.
RUN make && make install DESTDIR=/out PREFIX=/usr/local \
    && strip --strip-debug /out/usr/local/bin/* \
    && dpkg-query --show --showformat '${Package} ${Version} ${Architecture}\n' \
        libjemalloc-dev >/out/usr/local/share/pricefeed/linked.list \
    && install -D -m 644 -t /out/usr/share/doc/libjemalloc-dev \
        /usr/share/doc/libjemalloc-dev/copyright


# A Java as small as Kafka and ZooKeeper allow, and their jars; and what the page
# has from a jar.
FROM $BASE AS java
# The slim image lacks this directory, without which openjdk does not install.
RUN mkdir -p /usr/share/man/man1 \
    && apt-get update && apt-get install -y --no-install-recommends \
        ca-certificates-java libasm-java maven openjdk-21-jdk-headless unzip \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src/broker
COPY broker/make-java ./
RUN ./make-java /opt/pricefeed/jre \
    && dpkg-query --show --showformat '${Package} ${Version} ${Architecture}\n' \
        openjdk-21-jre-headless >/opt/pricefeed/java.list
COPY broker/Archivable.java broker/fetch-jars broker/jars.sha256 broker/pom.xml ./
COPY broker/maven maven
RUN ./fetch-jars /opt/pricefeed/jars \
    && ./fetch-jars --list >/opt/pricefeed/jars.list \
    && java -cp /usr/share/java/asm.jar Archivable.java /opt/pricefeed/jars
WORKDIR /src/web
COPY web/fetch-uplot web/jars.sha256 web/pom.xml ./
RUN ./fetch-uplot /opt/uplot \
    && ../broker/fetch-jars --of . --list >/opt/pricefeed/web.list


# The programs for another Kafka: by themselves, or as roles of pf-init. Group 0 may
# write where the feed writes, so that containers can run as another uid. Volumes
# with the certificates of a cluster get their owner from the directories below
# pricefeed-tls.
FROM $BASE AS client
RUN apt-get update && apt-get install -y --no-install-recommends \
        libbz2-1.0 libjq1 libjson-c5 libmicrohttpd12t64 libpq5 librdkafka1 \
        libzookeeper-mt2 libzstd1 zlib1g \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
    && useradd --uid 10001 --gid 0 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin feed \
    && install -d -o 10001 -g 0 -m 775 /var/lib/pricefeed /run/pricefeed \
    && for part in authority zookeeper broker producer consumer web; do \
        install -d -o 10001 -g 0 -m 770 "/var/lib/pricefeed-tls/$part" || exit; \
    done \
    && chmod 1777 /run
COPY --from=programs /out/usr/local/bin /usr/local/bin
COPY --from=programs /out/usr/local/share/pricefeed/web /usr/local/share/pricefeed/web
COPY --from=java /opt/uplot /usr/local/share/pricefeed/web
COPY --from=programs /out/usr/share/doc/libjemalloc-dev /usr/share/doc/libjemalloc-dev
COPY --from=programs /out/etc/pricefeed/producer.properties /out/etc/pricefeed/consumer.properties /out/etc/pricefeed/processor.properties /out/etc/pricefeed/web.properties /etc/pricefeed/
# librdkafka needs libcurl, and that needs GnuTLS, which nothing here calls. It
# would initialise itself in each program, and take 0.8 MB.
ENV GNUTLS_NO_IMPLICIT_INIT=1
USER 10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/pf-init"]
CMD ["--help"]


# PostgreSQL for compose-pipeline/orders.yml, and the reports over its tables.
# The package must not create a cluster here: all containers would share it.
FROM $BASE AS postgres
RUN apt-get update && apt-get install -y --no-install-recommends \
        postgresql-common \
    && sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' \
        /etc/postgresql-common/createcluster.conf \
    && apt-get install -y --no-install-recommends \
        postgresql python3-croniter supervisor \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /etc/supervisor \
    && useradd --uid 10001 --gid 0 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin feed \
    && install -d -o 10001 -g 0 -m 770 /var/lib/postgresql \
    && chmod 1777 /run \
    && mkdir /outputs && chmod 1777 /outputs
COPY compose-pipeline/start-postgres compose-pipeline/start-reports /usr/local/share/pricefeed/compose-pipeline/
COPY compose-pipeline/postgres.conf /etc/supervisord.conf
COPY reports /usr/local/share/pricefeed/reports
ENV PF_HOME=/usr/local/share/pricefeed \
    PF_RUN=/run/pricefeed \
    PF_OUTPUTS=/outputs \
    PF_SCHEDULE="*/5 * * * *" \
    PF_WINDOW="1 day" \
    PGDATA=/var/lib/postgresql/data \
    PGHOST=/run/pricefeed \
    PGUSER=feed \
    PGDATABASE=feed \
    LANG=C.UTF-8
USER 10001
WORKDIR /var/lib/postgresql
VOLUME /var/lib/postgresql
EXPOSE 5432
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
    CMD ["pg_isready", "--quiet"]
CMD ["/bin/sh", "-c", "mkdir -p \"$PF_RUN/log\" && exec supervisord -c /etc/supervisord.conf"]


# rsyslog for compose-pipeline/logs.yml: from Docker's syslog driver to Kafka.
FROM $BASE AS logs
RUN apt-get update && apt-get install -y --no-install-recommends \
        rsyslog rsyslog-kafka \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /etc/rsyslog.d \
    && useradd --uid 10001 --gid 0 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin feed \
    && chmod 1777 /run
COPY compose-pipeline/rsyslog.conf /etc/rsyslog.conf
USER 10001
EXPOSE 15140
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=2s --timeout=5s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "</dev/tcp/127.0.0.1/15140"]
CMD ["rsyslogd", "-n", "-i", "NONE", "-f", "/etc/rsyslog.conf"]


# All of the feed but Java. All of Python's compiled files would be 16 MB; the
# import makes those that supervisord uses, without which it starts half a second
# later. Tests and texts for Python's help are 2 MB more.
FROM client AS javaless
USER 0
COPY compose-pipeline/pkg_resources.py /usr/local/share/pricefeed/compose-pipeline/
RUN apt-get update && apt-get install -y --no-install-recommends supervisor \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /etc/supervisor \
    && rm -r /usr/lib/python3/dist-packages/supervisor/tests \
        /usr/lib/python3.*/test /usr/lib/python3.*/pydoc_data \
    && find / -xdev -name __pycache__ -type d -prune -exec rm -r {} + \
    && ln -s /usr/local/share/pricefeed/compose-pipeline/pkg_resources.py \
        "$(python3 -c 'import site; print(site.getsitepackages()[0])')/" \
    && python3 -c 'import supervisor.rpcinterface, supervisor.supervisorctl, supervisor.supervisord, supervisor.web' \
    && ln -s /usr/local/share/pricefeed/compose-pipeline/supervisord.conf /etc/
COPY --from=programs /out/usr/local/share /usr/local/share
COPY --from=programs /out/etc /etc
COPY LICENSE /usr/local/share/pricefeed/
ENV PF_HOME=/usr/local/share/pricefeed \
    PF_CONFIG=/etc/pricefeed \
    PF_DATA=/var/lib/pricefeed \
    PF_RUN=/run/pricefeed \
    PF_JAVA=/opt/pricefeed/jre/bin/java \
    PF_JARS=/opt/pricefeed/jars \
    PF_ARCHIVES=/opt/pricefeed/archives \
    LANG=C.UTF-8
EXPOSE 9092 29092 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/usr/local/bin/pf-broker", "health"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pricefeed" \
      org.opencontainers.image.description="A price feed in one container: ZooKeeper, Kafka, a producer and a consumer" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="debian:trixie-slim"
ENTRYPOINT ["/usr/local/bin/pf-init"]
CMD []


# All of the feed but the archives.
FROM javaless AS untrained
COPY --from=java /opt/pricefeed /opt/pricefeed
RUN "$PF_HOME/broker/list-parts" >"$PF_HOME/sbom.cdx.json"
USER 10001


# A training run: a JVM archives the classes it has loaded, and the next one
# starts in half the time.
FROM untrained AS training
RUN "$PF_HOME/broker/make-archives" /tmp/archives


FROM untrained AS feed
COPY --from=training /tmp/archives /opt/pricefeed/archives
# The JVM silently ignores an archive that does not fit, so check once.
RUN "$PF_HOME/broker/make-archives" --check
WORKDIR /var/lib/pricefeed
VOLUME /var/lib/pricefeed


# The same with Kafka's own metrics, for compose-pipeline/monitoring.yml: Java has
# two more modules, and so its archives are its own. An archive cannot be made
# with the exporter; the exporter's own classes, 300 of 6000, come from its jar.
FROM java AS java-monitored
RUN rm -r /opt/pricefeed/jre \
    && /src/broker/make-java /opt/pricefeed/jre java.instrument jdk.httpserver
WORKDIR /src/compose-pipeline/monitoring
COPY compose-pipeline/monitoring/jars.sha256 compose-pipeline/monitoring/pom.xml ./
RUN /src/broker/fetch-jars --of . /opt/pricefeed/exporter \
    && /src/broker/fetch-jars --of . --list >/opt/pricefeed/exporter.list


FROM javaless AS untrained-monitored
COPY --from=java-monitored /opt/pricefeed /opt/pricefeed
COPY compose-pipeline/monitoring/jars.sha256 compose-pipeline/monitoring/kafka-metrics.yml /opt/pricefeed/exporter/
RUN "$PF_HOME/broker/list-parts" /opt/pricefeed/exporter \
        /opt/pricefeed/exporter/jars.sha256 /opt/pricefeed/exporter.list \
        >"$PF_HOME/sbom.cdx.json"
USER 10001


FROM untrained-monitored AS training-monitored
RUN "$PF_HOME/broker/make-archives" /tmp/archives


FROM untrained-monitored AS monitored
COPY --from=training-monitored /tmp/archives /opt/pricefeed/archives
RUN "$PF_HOME/broker/make-archives" --check
WORKDIR /var/lib/pricefeed
VOLUME /var/lib/pricefeed
EXPOSE 9404
ENV KAFKA_OPTS=-javaagent:/opt/pricefeed/exporter/jmx_prometheus_javaagent-1.0.1.jar=9404:/opt/pricefeed/exporter/kafka-metrics.yml


# Prometheus and Alertmanager, for the same. Which one is the command's choice.
FROM $BASE AS monitoring
RUN apt-get update && apt-get install -y --no-install-recommends \
        prometheus prometheus-alertmanager \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
        /var/lib/prometheus \
    && useradd --uid 10001 --gid 0 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin feed \
    && install -d -o 10001 -g 0 -m 770 /var/lib/prometheus /var/lib/alertmanager
COPY compose-pipeline/monitoring/*.yml /etc/prometheus/
USER 10001
EXPOSE 9090 9093
STOPSIGNAL SIGTERM
CMD ["prometheus", "--help"]


# Kafka Connect with Debezium, for compose-pipeline/changes.yml: Java has two more
# modules, which Debezium needs, and the broker's jars are only those that it needs,
# too. The archive is its own, and has the classes of the worker: a JVM archives none
# that plugins load.
FROM programs AS programs-connect
RUN apt-get update && apt-get install -y --no-install-recommends \
        libcurl4-openssl-dev \
    && rm -rf /var/lib/apt/lists/* \
    && make install-connect DESTDIR=/connect PREFIX=/usr/local \
    && strip --strip-debug /connect/usr/local/bin/*


FROM java AS java-connect
RUN rm -r /opt/pricefeed/jre \
    && /src/broker/make-java /opt/pricefeed/jre java.compiler java.sql
WORKDIR /src/connect
COPY connect/jars.sha256 connect/pom.xml ./
COPY connect/plugins plugins
RUN /src/broker/fetch-jars --of . /opt/pricefeed/connect/jars \
    && /src/broker/fetch-jars --of . --list >/opt/connect.list \
    && /src/broker/fetch-jars --of plugins /opt/pricefeed/connect/plugins/debezium \
    && /src/broker/fetch-jars --of plugins --list >/opt/plugins.list


# curl is for the worker's REST API, which nobody outside reaches.
FROM client AS untrained-connect
USER 0
RUN apt-get update && apt-get install -y --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*
USER 10001
COPY --from=programs-connect /connect /
COPY --from=java-connect /opt/pricefeed/jre /opt/pricefeed/jre
COPY --from=java-connect /opt/pricefeed/connect /opt/pricefeed/connect
COPY --from=java-connect /opt/pricefeed/jars/jackson-* /opt/pricefeed/jars/jose4j-* /opt/pricefeed/jars/kafka-clients-* /opt/pricefeed/jars/lz4-* /opt/pricefeed/jars/reload4j-* /opt/pricefeed/jars/slf4j-* /opt/pricefeed/jars/snappy-* /opt/pricefeed/jars/zstd-* /opt/pricefeed/jars/
ENV PF_HOME=/usr/local/share/pricefeed \
    PF_CONFIG=/etc/pricefeed \
    PF_DATA=/var/lib/pricefeed \
    PF_RUN=/run/pricefeed \
    PF_JAVA=/opt/pricefeed/jre/bin/java \
    PF_JARS=/opt/pricefeed/jars \
    PF_CONNECT=/opt/pricefeed/connect \
    PF_ARCHIVES=/opt/pricefeed/archives \
    LANG=C.UTF-8


# A worker starts only where there is a broker.
FROM untrained-connect AS training-connect
COPY --from=java-connect /opt/pricefeed/jars /opt/pricefeed/jars
COPY --from=programs /out/usr/local/share/pricefeed/broker /usr/local/share/pricefeed/broker
COPY --from=programs /out/etc/pricefeed /etc/pricefeed
COPY connect/make-archive /usr/local/share/pricefeed/connect/
RUN "$PF_HOME/connect/make-archive" /tmp/archives


# Its list of parts, by a script and lists that the image does not need.
FROM untrained-connect AS listed-connect
COPY --from=programs /out/usr/local/share/pricefeed /usr/local/share/pricefeed
COPY --from=java-connect /opt/*.list /opt/pricefeed/*.list /opt/pricefeed/
COPY connect/jars.sha256 /opt/connect/
COPY connect/plugins/jars.sha256 /opt/plugins/
RUN "$PF_HOME/broker/list-parts" \
        "$PF_CONNECT/jars" /opt/connect/jars.sha256 /opt/pricefeed/connect.list \
        "$PF_CONNECT/plugins/debezium" /opt/plugins/jars.sha256 \
        /opt/pricefeed/plugins.list >/tmp/sbom.cdx.json


FROM untrained-connect AS connect
COPY --from=training-connect /tmp/archives /opt/pricefeed/archives
COPY --from=listed-connect /tmp/sbom.cdx.json /usr/local/share/pricefeed/
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/usr/local/bin/pf-broker", "health"]
CMD ["connect"]


# MariaDB, for the same. The package must not leave a database here: all containers
# would share it.
FROM $BASE AS mariadb
RUN apt-get update && apt-get install -y --no-install-recommends mariadb-server \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /var/lib/mysql/* \
    && useradd --uid 10001 --gid 0 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin feed \
    && install -d -o 10001 -g 0 -m 770 /var/lib/mysql \
    && chmod 1777 /run
COPY compose-pipeline/start-mariadb /usr/local/share/pricefeed/compose-pipeline/
ENV PF_RUN=/run \
    MARIADB_DATA=/var/lib/mysql/data \
    LANG=C.UTF-8
USER 10001
WORKDIR /var/lib/mysql
VOLUME /var/lib/mysql
EXPOSE 3306
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
    CMD ["mariadb-admin", "--no-defaults", "--socket=/run/mariadb.sock", "--user=root", "--silent", "ping"]
CMD ["/usr/local/share/pricefeed/compose-pipeline/start-mariadb"]


# The document store, and the writer, for the same.
FROM $BASE AS built-documents
RUN apt-get update && apt-get install -y --no-install-recommends \
        ca-certificates golang-go \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY connect/databases ./
RUN CGO_ENABLED=0 GOTOOLCHAIN=local go build -trimpath -ldflags='-s -w' -o /out/ ./... \
    && go list -m -f '{{if not .Main}}{{.Path}} {{.Version}}{{end}}' all >/out/modules.list


FROM $BASE AS documents
COPY --from=built-documents /out/documents /out/writer /usr/local/bin/
COPY --from=built-documents /out/modules.list /usr/local/share/pricefeed/
RUN useradd --uid 10001 --gid 0 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin feed
ENV DOCUMENTS_LISTEN=0.0.0.0:27017
USER 10001
EXPOSE 27017
STOPSIGNAL SIGTERM
CMD ["documents"]


# What is built if no target is named. Docker before 23 builds all stages up to the
# one it is asked for, so those that few need come after the feed, and compose
# files ask for `feed`.
FROM feed
