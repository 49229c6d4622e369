public import MartletCore

extension MartletContext {
  /// The lines of files and folders that are named one by one: never as a list or a pattern, whatever is in their names.
  ///
  /// This is what the closure of `fileStream` calls with the paths that it is given.
  /// - Parameters:
  ///   - paths: of files and folders, or URIs that begin with `file:`. The RDD of an empty array is empty.
  ///   - minPartitions: at least so many partitions, where the files are large enough.
  public func textFile(
    _ paths: [String], minPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Text> {
    TextFileRDD(NamedFiles(.names(paths)), minPartitions: minPartitions, self, OperatorSite("textFile", file, line))
  }

  /// The files that are named one by one, and those of folders, each as one element: its path and its whole text.
  ///
  /// - Parameters:
  ///   - paths: of files and folders, or URIs that begin with `file:`; never lists or patterns.
  ///   - minPartitions: about so many partitions, if there are as many files; the default parallelism if none are given.
  public func wholeTextFiles(
    _ paths: [String], minPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(String, Text)> {
    wholeTextFiles(.names(paths), minPartitions: minPartitions, OperatorSite("wholeTextFiles", file, line))
  }

  /// The files that are named one by one, and those of folders, each as one element: its path and its bytes as they are.
  ///
  /// - Parameters:
  ///   - paths: of files and folders, or URIs that begin with `file:`; never lists or patterns.
  ///   - minPartitions: about so many partitions, if there are as many files; the default parallelism if none are given.
  public func binaryFiles(
    _ paths: [String], minPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(String, [UInt8])> {
    binaryFiles(.names(paths), minPartitions: minPartitions, OperatorSite("binaryFiles", file, line))
  }

  /// The records of files and folders that are named one by one, each `recordLength` bytes long.
  ///
  /// - Parameter paths: of files and folders, or URIs that begin with `file:`; never lists or patterns.
  public func binaryRecords(
    _ paths: [String], recordLength: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<[UInt8]> {
    binaryRecords(
      NamedFiles(.names(paths)), recordLength: recordLength, OperatorSite("binaryRecords", file, line))
  }

  /// The elements of files and folders that `saveAsObjectFile` has written, and that are named one by one.
  ///
  /// - Parameter paths: of files and folders, or URIs that begin with `file:`; never lists or patterns.
  public func objectFile<Element: Sendable>(
    _ paths: [String], of type: Element.Type = Element.self, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    objectFile(.names(paths), OperatorSite("objectFile", file, line))
  }
}
