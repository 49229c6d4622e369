import java.util.ArrayList;
import java.util.List;
import org.apache.spark.streaming.scheduler.BatchInfo;
import org.apache.spark.streaming.scheduler.StreamingListener;
import org.apache.spark.streaming.scheduler.StreamingListenerBatchCompleted;
import org.apache.spark.streaming.scheduler.StreamingListenerBatchStarted;
import org.apache.spark.streaming.scheduler.StreamingListenerBatchSubmitted;
import org.apache.spark.streaming.scheduler.StreamingListenerOutputOperationCompleted;
import org.apache.spark.streaming.scheduler.StreamingListenerOutputOperationStarted;
import org.apache.spark.streaming.scheduler.StreamingListenerReceiverError;
import org.apache.spark.streaming.scheduler.StreamingListenerReceiverStarted;
import org.apache.spark.streaming.scheduler.StreamingListenerReceiverStopped;
import org.apache.spark.streaming.scheduler.StreamingListenerStreamingStarted;

/** The delay and the processing time of each batch, as Spark reports them. */
final class BatchLog implements StreamingListener {
  private record Batch(double delay, double processing) {}

  private final List<Batch> batches = new ArrayList<>();

  synchronized long completed() {
    return batches.size();
  }

  /**
   * Prints the later half's times in milliseconds. An interval is stable if, at the end, the median
   * of the last tenth's delays is below two intervals: a growing backlog exceeds that.
   */
  synchronized void print(long interval) {
    List<Batch> later = Readings.laterHalf(batches);
    List<Double> processing = later.stream().map(Batch::processing).toList();
    List<Double> delays = later.stream().map(Batch::delay).toList();
    double lastDelay = Readings.quantile(delays.subList(delays.size() * 9 / 10, delays.size()), 0.5);
    System.out.printf("batches interval_ms=%d batches=%d processing_p50_ms=%.3f processing_p99_ms=%.3f"
        + " delay_p50_ms=%.3f delay_p99_ms=%.3f last_delay_ms=%.3f stable=%s%n",
        interval, later.size(), Readings.quantile(processing, 0.5), Readings.quantile(processing, 0.99),
        Readings.quantile(delays, 0.5), Readings.quantile(delays, 0.99), lastDelay,
        lastDelay < 2 * interval ? "yes" : "no");
  }

  @Override
  public synchronized void onBatchCompleted(StreamingListenerBatchCompleted event) {
    BatchInfo batch = event.batchInfo();
    batches.add(new Batch(milliseconds(batch.schedulingDelay()), milliseconds(batch.processingDelay())));
  }

  private static double milliseconds(scala.Option<Object> duration) {
    return ((Number) duration.get()).doubleValue();
  }

  @Override public void onStreamingStarted(StreamingListenerStreamingStarted event) {}
  @Override public void onReceiverStarted(StreamingListenerReceiverStarted event) {}
  @Override public void onReceiverError(StreamingListenerReceiverError event) {}
  @Override public void onReceiverStopped(StreamingListenerReceiverStopped event) {}
  @Override public void onBatchSubmitted(StreamingListenerBatchSubmitted event) {}
  @Override public void onBatchStarted(StreamingListenerBatchStarted event) {}
  @Override public void onOutputOperationStarted(StreamingListenerOutputOperationStarted event) {}
  @Override public void onOutputOperationCompleted(StreamingListenerOutputOperationCompleted event) {}
}
