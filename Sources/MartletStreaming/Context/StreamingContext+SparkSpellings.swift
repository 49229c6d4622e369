public import MartletRDD

extension StreamingContext {
  /// Spark's spelling.
  @available(*, unavailable, message: "write StreamingContext(sc, batchInterval: .seconds(1))")
  public convenience init(_ sparkContext: MartletContext, _ seconds: Double) {
    self.init(sparkContext, batchInterval: .seconds(seconds))
  }
}
