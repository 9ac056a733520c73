// Compares pairs of CloudFormation templates with the CDK's own library and hands over data, no text.
// Reads [[before, after], …] from standard input, each a template or the name of its file, writes [[{id, before, after, impact, properties}], …].
const { fullDiff } = require('@aws-cdk/cloudformation-diff');
// The first comparison loads what is known of every resource type; meanwhile the templates are read elsewhere.
fullDiff({}, { Resources: { It: { Type: 'AWS::IAM::Role' } } });
const { readFileSync } = require('fs');
const pairs = JSON.parse(readFileSync(0, 'utf8'));
const template = given => (typeof given === 'string' ? JSON.parse(readFileSync(given, 'utf8')) : given);
const compared = pairs.map(([before, after]) =>
  Object.entries(fullDiff(template(before), template(after)).resources.changes).map(([id, change]) => ({
    id,
    before: change.oldResourceType ?? null,
    after: change.newResourceType ?? null,
    impact: change.changeImpact,
    properties: Object.fromEntries(
      Object.entries(change.propertyUpdates).map(([name, property]) => [name, property.changeImpact])),
  })));
process.stdout.write(JSON.stringify(compared));
