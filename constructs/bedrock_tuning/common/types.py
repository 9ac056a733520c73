"""The types of what an app gives to a construct: the CDK's interface, or its class.

A class of the CDK implements its interface, and mypy agrees. Pyright does not: it also compares the names of the
parameters of their methods, which differ by an underscore where jsii has made them.
"""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

GivenKey = kms.IKey | kms.Key
GivenRole = iam.IRole | iam.Role
GivenTopic = sns.ITopic | sns.Topic
