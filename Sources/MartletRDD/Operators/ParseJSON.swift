public import MartletCore

/// The loop that decodes lines of JSON, and omits those that are rejected.
private func acceptedJSONKernel<Value: Decodable & Sendable>(
  _ type: Value.Type, _ decoder: JSONRecordDecoder
) -> FlatMapKernel<Text, Value> {
  { lines, count, output in
    let reader = JSONRecordReader(decoder)
    var cursor = OutputCursor(output)
    for i in 0..<count {
      let line = (lines + i).move()
      do { cursor.append(try reader.decode(type, from: line)) } catch {}
    }
    cursor.finish()
    return count
  }
}

/// The loop that decodes lines of JSON, and selects those that are rejected.
private func rejectedJSONKernel<Value: Decodable & Sendable>(
  _ type: Value.Type, _ decoder: JSONRecordDecoder
) -> FlatMapKernel<Text, RejectedRecord<Text>> {
  { lines, count, output in
    let reader = JSONRecordReader(decoder)
    var cursor = OutputCursor(output)
    for i in 0..<count {
      let line = (lines + i).move()
      do { _ = try reader.decode(type, from: line) } catch {
        cursor.append(RejectedRecord(record: line, reason: "\(error)"))
      }
    }
    cursor.finish()
    return count
  }
}

/// The loop that decodes lines of JSON.
package func parseJSONKernel<Value: Decodable & Sendable>(
  _ type: Value.Type, _ decoder: JSONRecordDecoder
) -> MapKernel<Text, Result<Value, RejectedRecord<Text>>> {
  { lines, count, results in
    let reader = JSONRecordReader(decoder)
    for i in 0..<count {
      let line = (lines + i).move()
      do {
        (results + i).initialize(to: .success(try reader.decode(type, from: line)))
      } catch {
        (results + i).initialize(to: .failure(RejectedRecord(record: line, reason: "\(error)")))
      }
    }
  }
}

extension RDD where Element == Text {
  /// Reads every line as JSON. Lines that are no JSON, or not that of the type, are not lost: they are in an RDD of their
  /// own, with the reason.
  ///
  /// ```swift
  /// struct Tweet: Codable { var id: Int, text: Text, likes: Int? }
  /// let tweets = sc.textFile("tweets.json").parseJSON(as: Tweet.self)
  /// let likes = tweets.accepted.compactMap { $0.likes }.sum()
  /// for refused in try tweets.rejected.take(10) { print(refused) }
  /// ```
  /// `JSONRecordDecoder` describes the texts that are accepted, and has settings for names and dates. The reason of a
  /// rejected line has the path of the field, and the number of bytes before it. An empty line is rejected.
  ///
  /// Each action reads the lines again: `cache()` stores the results.
  public func parseJSON<Value: Decodable & Sendable>(
    as type: Value.Type, with decoder: JSONRecordDecoder = JSONRecordDecoder(), file: StaticString = #fileID,
    line: UInt = #line
  ) -> ParsedRDD<Text, Value> {
    let site = OperatorSite("parseJSON", file, line)
    return ParsedRDD(
      accepted: flatMapped(acceptedJSONKernel(type, decoder), site),
      rejected: flatMapped(rejectedJSONKernel(type, decoder), site))
  }
}
