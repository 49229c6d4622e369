public import MartletCore
internal import MartletRDD

extension DStream where Element == Text {
  /// Reads every line as JSON. Lines that are no JSON, or not that of the type, do not fail the batch, and are not lost:
  /// they are in a stream of their own, with the reason.
  ///
  /// ```swift
  /// struct Tweet: Codable { var id: Int, text: Text, likes: Int? }
  /// let tweets = lines.parseJSON(as: Tweet.self)
  /// tweets.accepted.filter { ($0.likes ?? 0) > 100 }.map { $0.text }.pprint()
  /// tweets.rejected.saveAsTextFiles("rejected/tweets")
  /// ```
  /// `JSONRecordDecoder` describes the texts that are accepted, and has settings for names and dates. The reason of a
  /// rejected line has the path of the field, and the number of bytes before it. An empty line is rejected.
  public func parseJSON<Value: Decodable & Sendable>(
    as type: Value.Type, with decoder: JSONRecordDecoder = JSONRecordDecoder(), file: StaticString = #fileID,
    line: UInt = #line
  ) -> ParsedStream<Text, Value> {
    parsed(by: parseJSONKernel(type, decoder), OperatorSite("parseJSON", file, line))
  }
}
