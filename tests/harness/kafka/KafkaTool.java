import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/*
 * A Kafka client for the tests, driven by JSON lines: one request a line on standard input; the answer is any number of
 * {"record": ...} lines and then one {"result": ...} or {"error": "..."}. Ends with standard input. Keys and values are base64.
 */
public class KafkaTool {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final String brokers;
    private final BufferedWriter output = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), 1 << 16);
    private final Admin admin;
    private final Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();

    private KafkaTool(String brokers) {
        this.brokers = brokers;
        this.admin = Admin.create(Map.of("bootstrap.servers", brokers, "default.api.timeout.ms", "30000", "reconnect.backoff.max.ms", "200"));
    }

    public static void main(String[] arguments) throws IOException {
        KafkaTool tool = new KafkaTool(arguments[0]);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            tool.answer(line);
        }
        Runtime.getRuntime().halt(0); // a broker that is gone must not hold the exit up
    }

    private void answer(String line) throws IOException {
        ObjectNode reply = JSON.createObjectNode();
        try {
            reply.set("result", run(JSON.readTree(line)));
        } catch (ExecutionException e) {
            reply.put("error", String.valueOf(e.getCause()));
        } catch (Exception e) {
            reply.put("error", e.toString());
        }
        write(reply);
        output.flush();
    }

    private void write(JsonNode node) throws IOException {
        output.write(JSON.writeValueAsString(node));
        output.write('\n');
    }

    private JsonNode run(JsonNode request) throws Exception {
        switch (request.get("op").asText()) {
            case "create": return create(request.get("topics"));
            case "delete": admin.deleteTopics(texts(request.get("topics"))).all().get(); return null;
            case "topics": return topics();
            case "partitions": return grow(request.get("topic").asText(), request.get("count").asInt());
            case "produce": return produce(producer(""), request.get("records"));
            case "transaction": return transaction(request);
            case "ends": return ends(request);
            case "dump": return dump(request);
            case "delete_records": return deleteRecords(request);
            default: throw new IllegalArgumentException("unknown op " + request.get("op"));
        }
    }

    // ---- topics

    private JsonNode create(JsonNode topics) throws Exception {
        List<NewTopic> wanted = new ArrayList<>();
        for (JsonNode topic : topics) {
            Map<String, String> configs = new HashMap<>();
            topic.path("configs").fields().forEachRemaining(entry -> configs.put(entry.getKey(), entry.getValue().asText()));
            wanted.add(new NewTopic(topic.get("name").asText(), topic.path("partitions").asInt(1), (short) topic.path("replicas").asInt(1)).configs(configs));
        }
        admin.createTopics(wanted).all().get();
        return null;
    }

    private JsonNode grow(String topic, int count) throws Exception {
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(count))).all().get();
        return null;
    }

    private JsonNode topics() throws Exception {
        ObjectNode result = JSON.createObjectNode();
        Set<String> names = admin.listTopics().names().get();
        for (TopicDescription topic : admin.describeTopics(names).allTopicNames().get().values()) {
            result.put(topic.name(), topic.partitions().size());
        }
        return result;
    }

    private JsonNode deleteRecords(JsonNode request) throws Exception {
        TopicPartition partition = new TopicPartition(request.get("topic").asText(), request.get("partition").asInt());
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(request.get("before").asLong()))).all().get();
        return null;
    }

    // ---- writing

    private KafkaProducer<byte[], byte[]> producer(String transaction) {
        return producers.computeIfAbsent(transaction, id -> {
            Map<String, Object> options = new HashMap<>(Map.of("bootstrap.servers", brokers, "max.request.size", "16777216",
                    "reconnect.backoff.max.ms", "200"));
            if (!id.isEmpty()) {
                options.put("transactional.id", id);
            }
            KafkaProducer<byte[], byte[]> made = new KafkaProducer<>(options, new ByteArraySerializer(), new ByteArraySerializer());
            if (!id.isEmpty()) {
                made.initTransactions();
            }
            return made;
        });
    }

    private JsonNode produce(KafkaProducer<byte[], byte[]> producer, JsonNode records) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (JsonNode node : records) {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(node.get("topic").asText(),
                    node.hasNonNull("partition") ? node.get("partition").asInt() : null,
                    node.hasNonNull("timestamp") ? node.get("timestamp").asLong() : null, bytes(node.get("key")), bytes(node.get("value")));
            for (JsonNode header : node.path("headers")) {
                record.headers().add(header.get(0).asText(), bytes(header.get(1)));
            }
            sent.add(producer.send(record));
        }
        producer.flush();
        ArrayNode result = JSON.createArrayNode();
        for (Future<RecordMetadata> future : sent) {
            result.addArray().add(future.get().partition()).add(future.get().offset());
        }
        return result;
    }

    private JsonNode transaction(JsonNode request) throws Exception {
        KafkaProducer<byte[], byte[]> producer = producer("kafka-tool");
        producer.beginTransaction();
        JsonNode result = produce(producer, request.get("records"));
        if (request.path("commit").asBoolean(true)) {
            producer.commitTransaction();
        } else {
            producer.abortTransaction();
        }
        return result;
    }

    // ---- reading

    private KafkaConsumer<byte[], byte[]> consumer(JsonNode request) {
        String isolation = request.path("committed").asBoolean(false) ? "read_committed" : "read_uncommitted";
        return new KafkaConsumer<>(Map.of("bootstrap.servers", brokers, "isolation.level", isolation, "enable.auto.commit", "false",
                "allow.auto.create.topics", "false", "max.partition.fetch.bytes", "16777216", "max.poll.records", "5000"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer, JsonNode topics) {
        List<TopicPartition> result = new ArrayList<>();
        for (JsonNode topic : topics) {
            List<PartitionInfo> found = consumer.partitionsFor(topic.asText(), ANSWER);
            if (found == null || found.isEmpty()) {
                throw new IllegalArgumentException("there is no topic " + topic.asText());
            }
            found.forEach(partition -> result.add(new TopicPartition(topic.asText(), partition.partition())));
        }
        return result;
    }

    private JsonNode ends(JsonNode request) {
        ObjectNode result = JSON.createObjectNode();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(request)) {
            consumer.endOffsets(partitions(consumer, request.get("topics")), ANSWER)
                    .forEach((partition, end) -> result.put(partition.topic() + "-" + partition.partition(), end));
        }
        return result;
    }

    private JsonNode dump(JsonNode request) throws IOException {
        long count = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(request)) {
            List<TopicPartition> partitions = partitions(consumer, request.get("topics"));
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, ANSWER);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + Duration.ofSeconds(request.path("deadline").asLong(60)).toNanos();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("the topics could not be read to their ends in time");
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
                        write(JSON.createObjectNode().set("record", describe(record)));
                        count++;
                    }
                }
            }
        }
        return JSON.getNodeFactory().numberNode(count);
    }

    private static ObjectNode describe(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode node = JSON.createObjectNode();
        node.put("topic", record.topic()).put("partition", record.partition()).put("offset", record.offset());
        node.put("timestamp", record.timestamp()).put("key", base64(record.key())).put("value", base64(record.value()));
        ArrayNode headers = node.putArray("headers");
        for (Header header : record.headers()) {
            headers.addArray().add(header.key()).add(base64(header.value()));
        }
        return node;
    }

    // ---- values

    private static byte[] bytes(JsonNode node) {
        return node == null || node.isNull() ? null : Base64.getDecoder().decode(node.asText());
    }

    private static String base64(byte[] data) {
        return data == null ? null : Base64.getEncoder().encodeToString(data);
    }

    private static List<String> texts(JsonNode list) {
        List<String> result = new ArrayList<>();
        list.forEach(node -> result.add(node.asText()));
        return result;
    }
}
