public import MartletCore

extension MartletContext {
  /// The lines of individually named files and folders, whose names are never lists or patterns.
  ///
  /// The closure of `fileStream` calls this with its paths.
  /// - Parameters:
  ///   - paths: the paths of files and folders, or URIs that begin with `file:`. An empty array makes an empty RDD.
  ///   - minPartitions: the minimum number of partitions, if the files are large enough.
  public func textFile(
    _ paths: [String], minPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Text> {
    TextFileRDD(NamedFiles(.names(paths)), minPartitions: minPartitions, self, OperatorSite("textFile", file, line))
  }

  /// The contents of individually named files and folders, with each file as one element: its path and its text.
  ///
  /// - Parameters:
  ///   - paths: the paths of files and folders, or URIs that begin with `file:`; never lists or patterns.
  ///   - minPartitions: the approximate number of partitions, if there are enough files; by default the default
  ///     parallelism.
  public func wholeTextFiles(
    _ paths: [String], minPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(String, Text)> {
    wholeTextFiles(.names(paths), minPartitions: minPartitions, OperatorSite("wholeTextFiles", file, line))
  }

  /// The contents of individually named files and folders, with each file as one element: its path and its bytes.
  ///
  /// - Parameters:
  ///   - paths: the paths of files and folders, or URIs that begin with `file:`; never lists or patterns.
  ///   - minPartitions: the approximate number of partitions, if there are enough files; by default the default
  ///     parallelism.
  public func binaryFiles(
    _ paths: [String], minPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(String, [UInt8])> {
    binaryFiles(.names(paths), minPartitions: minPartitions, OperatorSite("binaryFiles", file, line))
  }

  /// The records of individually named files and folders, each `recordLength` bytes long.
  ///
  /// - Parameter paths: the paths of files and folders, or URIs that begin with `file:`; never lists or patterns.
  public func binaryRecords(
    _ paths: [String], recordLength: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<[UInt8]> {
    binaryRecords(
      NamedFiles(.names(paths)), recordLength: recordLength, OperatorSite("binaryRecords", file, line))
  }

  /// The elements of individually named files and folders that were written by `saveAsObjectFile`.
  ///
  /// - Parameter paths: the paths of files and folders, or URIs that begin with `file:`; never lists or patterns.
  public func objectFile<Element: Sendable>(
    _ paths: [String], of type: Element.Type = Element.self, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    objectFile(.names(paths), OperatorSite("objectFile", file, line))
  }
}
