// Compares pairs of CloudFormation templates with the CDK's own library and hands over data, no text.
// Reads [[before, after], …] from standard input, writes [[{id, before, after, impact, properties}], …].
const { fullDiff } = require('@aws-cdk/cloudformation-diff');
// The first comparison loads what is known of every resource type; meanwhile the templates are read elsewhere.
fullDiff({}, { Resources: { It: { Type: 'AWS::IAM::Role' } } });
const pairs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const compared = pairs.map(([before, after]) =>
  Object.entries(fullDiff(before, after).resources.changes).map(([id, change]) => ({
    id,
    before: change.oldResourceType ?? null,
    after: change.newResourceType ?? null,
    impact: change.changeImpact,
    properties: Object.keys(change.propertyUpdates),
  })));
process.stdout.write(JSON.stringify(compared));
