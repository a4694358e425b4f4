// ByKey BROKER TOPIC RUN FIRST <LINES - send a run's records, each by its key
// and with its headers, by Kafka's own producer; print a ledger of them as
// producer/ledger.h says. Each line is KEY VALUE; they are numbered from FIRST.

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

class ByKey {
    static final int BATCH = 1000;

    static long now() {
        return System.currentTimeMillis() * 1000000;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String crc(String value) {
        CRC32 crc = new CRC32();
        crc.update(bytes(value));
        return String.format("%08x", crc.getValue());
    }

    static void print(String head, List<String> numbers) {
        if (head != null)
            System.out.println(head + " " + numbers.size() + " "
                + String.join(",", numbers));
    }

    // The records from first on have arrived: a line for each stretch of
    // consecutive offsets of a partition.
    static void arrived(long first, List<Future<RecordMetadata>> answers)
        throws Exception {
        Map<Integer, Long> next = new TreeMap<>();
        Map<Integer, String> heads = new TreeMap<>();
        Map<Integer, List<String>> numbers = new TreeMap<>();

        for (var answer : answers) {
            RecordMetadata at = answer.get();
            int p = at.partition();

            if (next.getOrDefault(p, -1L) != at.offset()) {
                print(heads.get(p), numbers.get(p));
                heads.put(p, "arrived " + p + " " + at.offset() + " " + now());
                numbers.put(p, new ArrayList<>());
            }
            numbers.get(p).add("" + first++);
            next.put(p, at.offset() + 1);
        }
        heads.forEach((p, head) -> print(head, numbers.get(p)));
    }

    public static void main(String[] args) throws Exception {
        String topic = args[1], run = args[2];
        long first = Long.parseLong(args[3]);

        System.out.println("run " + run + " topic " + topic
            + " partition by-key first " + first + " time " + now());
        try (var in = new Scanner(System.in);
            var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", args[0]), new StringSerializer(),
                new StringSerializer())) {
            while (in.hasNextLine()) {
                List<String[]> lines = new ArrayList<>();
                List<String> sums = new ArrayList<>();
                List<Future<RecordMetadata>> answers = new ArrayList<>();

                while (in.hasNextLine() && lines.size() < BATCH) {
                    lines.add(in.nextLine().split(" ", 2));
                    sums.add(crc(lines.get(lines.size() - 1)[1]));
                }
                System.out.println("sent " + first + " " + lines.size() + " "
                    + now() + " " + String.join(",", sums));
                for (String[] line : lines) {
                    var record =
                        new ProducerRecord<>(topic, line[0], line[1]);
                    record.headers()
                        .add("feed-run", bytes(run))
                        .add("feed-seq", bytes("" + (first + answers.size())))
                        .add("feed-ts", bytes("" + now()));
                    answers.add(producer.send(record));
                }
                arrived(first, answers);
                first += answers.size();
            }
        }
        System.out.println("end " + now());
    }
}
