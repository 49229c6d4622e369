public import MartletCore

/// A part of a file: the lines that begin in it belong to one partition.
struct FileSplit: Sendable, Equatable {
  var path: String
  var offset: Int
  var length: Int
  /// The facts of the file when a stream found it.
  var planned: FileFacts?
}

/// The lines of files.
final class TextFileRDD: PlannedRDD<FileSplit, Text>, @unchecked Sendable {
  private let files: NamedFiles
  private let minPartitions: Int?

  init(_ files: NamedFiles, minPartitions: Int?, _ context: MartletContext, _ site: OperatorSite) {
    self.files = files
    self.minPartitions = minPartitions
    super.init(context: context, site: site)
  }

  override func plan() throws -> [FileSplit] {
    let files = try files.list(site)
    try refusePacked(files, site)
    return planSplits(files, minPartitions: minPartitions ?? context.defaultParallelism)
  }

  override func read(_ split: FileSplit) throws -> ChunkReader<Text> {
    let maximum = try context.settings.get().maximumLineLength
    if split.path.hasSuffix(".gz") {
      return LineReader(
        try GzipSource(path: split.path, planned: split.planned), name: split.path, skipsByteOrderMark: true,
        maximumLineLength: maximum)
    }
    // A split in the middle of a file reads from the previous byte: if it is a line feed, a line begins here.
    let start = Swift.max(0, split.offset - 1)
    return LineReader(
      try FileSource(path: split.path, offset: start, planned: split.planned), name: split.path,
      limit: split.offset - start + split.length, skipsFirst: split.offset > 0, skipsByteOrderMark: split.offset == 0,
      maximumLineLength: maximum)
  }
}

/// The maximum size of a split: large enough to make its overhead small, small enough for many threads to share a file.
let maximumSplitSize = 32 << 20

/// Divides files into splits: at least `minPartitions` if the files are large enough, and a number with which all
/// threads end at the same time.
func planSplits(_ files: [InputFile], minPartitions: Int) -> [FileSplit] {
  let total = files.reduce(0) { $0 + $1.size }
  let wanted = min(max(1, minPartitions), maximumPartitions)
  let rounds = max(1, (total + wanted * maximumSplitSize - 1) / (wanted * maximumSplitSize))
  let target = max(1 << 16, (total + wanted * rounds - 1) / (wanted * rounds))
  return files.flatMap { file -> [FileSplit] in
    if file.path.hasSuffix(".gz") {
      return [FileSplit(path: file.path, offset: 0, length: file.size, planned: file.planned)]
    }
    let count = max(1, (file.size + target / 10) / target)
    return (0..<count).map { i in
      let range = slice(i, of: count, length: file.size)
      return FileSplit(path: file.path, offset: range.lowerBound, length: range.count, planned: file.planned)
    }
  }
}

extension MartletContext {
  /// The lines of a file, of all files of a folder, or of the matches of a pattern (`logs/*.txt`) or a comma-separated
  /// list. An existing file or folder with such a name takes precedence over a list and a pattern. A URI that begins
  /// with `file:` is read as its path; other schemes, and `~`, are refused.
  ///
  /// Files that end in `.gz` are decompressed; those that end in `.bz2`, `.zip`, `.zst` and similar are an error. Names
  /// that begin with `.` or `_` are ignored in folders; a name that is not UTF-8 is an error.
  ///
  /// Lines end at a line feed, with or without a carriage return before it. Invalid UTF-8 becomes U+FFFD; a byte order
  /// mark before the first line is removed. The first action looks up the files, and throws if there are none.
  /// - Parameter minPartitions: the minimum number of partitions, if the files are large enough.
  public func textFile(
    _ path: String, minPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Text> {
    TextFileRDD(NamedFiles(.list(path)), minPartitions: minPartitions, self, OperatorSite("textFile", file, line))
  }
}
