/* Streams - what pf-processor does, as a program of Kafka Streams does it.
 *
 *   Streams where|count BROKER TOPIC RECORDS OUTPUT
 *
 * where: prices above 5.50 go on. count: how many records each key has in each
 * 100 ms, once that is over. Exactly once, in one thread. It ends when it has
 * read that many records and committed what they became, and prints in how many
 * seconds since the first one that was.
 */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.Suppressed.BufferConfig;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Window;
import org.apache.kafka.streams.state.Stores;

final class Streams {
    private static final Duration SIZE = Duration.ofMillis(100);
    private static final Duration GRACE = Duration.ofMillis(100);
    private static final Serde<String> TEXT = Serdes.String();
    private static final Serde<byte[]> BYTES = Serdes.ByteArray();
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final ObjectReader READER = MAPPER.reader();

    /** Written by the one thread of the stream, read once all was read. */
    private static long seen;
    private static long began;

    private Streams() {
    }

    private static boolean isWanted(byte[] value) {
        try {
            JsonNode price = READER.readTree(value).get("price");

            return price != null && price.asDouble() > 5.5;
        } catch (IOException bad) {
            return false;
        }
    }

    private static byte[] result(String key, Window window, long count) {
        ObjectNode result = MAPPER.createObjectNode();

        result.put("key", key);
        result.put("start", window.startTime().toString());
        result.put("end", window.endTime().toString());
        result.put("count", count);
        return result.toString().getBytes(
            java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Count the records that are read, and the time since the first. */
    private static void look(long records, CountDownLatch done) {
        if (seen++ == 0) {
            began = System.nanoTime();
        }
        if (seen == records) {
            done.countDown();
        }
    }

    private static void where(StreamsBuilder builder, String topic,
                              long records, String output,
                              CountDownLatch done) {
        builder.stream(topic, Consumed.with(BYTES, BYTES))
            .peek((key, value) -> look(records, done))
            .filter((key, value) -> isWanted(value))
            .to(output, Produced.with(BYTES, BYTES));
    }

    /** The store is in memory, which is faster than RocksDB. */
    private static void count(StreamsBuilder builder, String topic,
                              long records, String output,
                              CountDownLatch done) {
        KStream<String, byte[]> input = builder.stream(
            topic, Consumed.with(TEXT, BYTES));

        input.peek((key, value) -> look(records, done))
            .groupByKey(Grouped.with(TEXT, BYTES))
            .windowedBy(TimeWindows.ofSizeAndGrace(SIZE, GRACE))
            .count(Materialized.<String, Long>as(Stores.inMemoryWindowStore(
                    "counts", SIZE.plus(GRACE), SIZE, false))
                .withKeySerde(TEXT).withValueSerde(Serdes.Long()))
            .suppress(Suppressed.untilWindowCloses(BufferConfig.unbounded()))
            .toStream()
            .map((window, n) -> KeyValue.pair(
                window.key(), result(window.key(), window.window(), n)))
            .to(output, Produced.with(TEXT, BYTES));
    }

    private static Properties settings(String broker, String name)
            throws IOException {
        Properties settings = new Properties();

        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                     StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.STATE_DIR_CONFIG,
                     Files.createTempDirectory("streams").toString());
        settings.put(StreamsConfig.consumerPrefix(
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.put(StreamsConfig.producerPrefix(
            ProducerConfig.BATCH_SIZE_CONFIG), 262144);
        return settings;
    }

    public static void main(String[] args) throws Exception {
        StreamsBuilder builder = new StreamsBuilder();
        CountDownLatch done = new CountDownLatch(1);
        String output = args[4];
        long records = Long.parseLong(args[3]);

        if (args[0].equals("where")) {
            where(builder, args[2], records, output, done);
        } else {
            count(builder, args[2], records, output, done);
        }
        try (KafkaStreams streams = new KafkaStreams(
                builder.build(), settings(args[1], output))) {
            streams.start();
            done.await();
        } // this commits
        System.out.println((System.nanoTime() - began) / 1e9);
    }
}
